using System.Diagnostics.Metrics;
using Chat.Node;
using Chat.Node.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Support;

/// <summary>The metrics of a node that is not there.</summary>
internal static class TestMetrics
{
    public static NodeMetrics Create() =>
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>(), new ConnectionTable());
}
