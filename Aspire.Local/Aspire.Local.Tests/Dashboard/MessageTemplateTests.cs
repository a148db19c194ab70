using Aspire.Local.Dashboard.Telemetry.Model;
using Aspire.Local.Dashboard.Telemetry.Otlp;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class MessageTemplateTests
{
    [Theory]
    [InlineData("{Room} has {Count:N0} members", "lobby has 3 members")]
    [InlineData("{Unknown} and {Room}", "{Unknown} and lobby")]
    [InlineData("open { brace", "open { brace")]
    [InlineData("{", "{")]
    [InlineData("{}", "{}")]
    public void Holes_are_filled_from_the_attributes(string template, string expected) =>
        Assert.Equal(expected, MessageTemplate.Format(template, [new TelemetryTag("Room", "lobby"), new TelemetryTag("Count", "3")]));
}
