using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace Chat.Tests.EndToEnd;

/// <summary>Which program the AppHost starts as a node. Nothing is started here.</summary>
public sealed class NodeChoiceTests
{
    [Theory]
    [InlineData("Chat.Node")]
    [InlineData("Chat.Node", "--Chat:Delivery=log")]
    [InlineData("Chat.Experiments", "--Chat:Delivery=pubsub")]
    [InlineData("Chat.Experiments", "--Chat:Without:0=epoch")]
    [InlineData("Chat.Experiments", "--Chat:ClockSkew=00:00:05")]
    public async Task Only_an_experiment_is_another_node_than_ours(string program, params string[] arguments)
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(arguments, TestContext.Current.CancellationToken);

        var node = builder.Resources.OfType<ProjectResource>().Single(resource => resource.Name == "node");

        Assert.Equal(program, Path.GetFileNameWithoutExtension(node.GetProjectMetadata().ProjectPath));
    }
}
