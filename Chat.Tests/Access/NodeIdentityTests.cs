using Chat.Node;
using Chat.Tests.Presence.Support;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Access;

public sealed class NodeIdentityTests
{
    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    [InlineData("line\nbreak")]
    public void A_node_whose_id_would_break_what_it_writes_does_not_start(string id)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => NodeApp.Build(TestNode.Arguments("127.0.0.1:1", id)));

        Assert.Contains("NodeId", refused.Message, StringComparison.Ordinal);
    }
}
