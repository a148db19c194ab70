using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Tests.Client.Scenarios;
using Chat.Tests.Support;

namespace Chat.Tests.Client;

/// <summary>The table of scenarios that both clients have to pass: docs/scenarios.</summary>
public sealed class ScenarioTests
{
    public static TheoryData<string, string> All
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var file in Directory.GetFiles(Path.Combine(Tool.RepositoryFolder, "docs", "scenarios"), "*.json").Order())
            {
                foreach (var scenario in Read(file))
                {
                    all.Add(Path.GetFileName(file), scenario!["name"]!.GetValue<string>());
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_client_does_what_the_scenario_says(string file, string name)
    {
        // What a client does has to be done when the step is: nothing is posted to a context.
        SynchronizationContext.SetSynchronizationContext(null);
        var steps = Read(Path.Combine(Tool.RepositoryFolder, "docs", "scenarios", file))
            .Single(scenario => scenario!["name"]!.GetValue<string>() == name)!["steps"]!.AsArray();
        await using var scenario = new Scenario();
        for (var i = 0; i < steps.Count; i++)
        {
            try
            {
                scenario.Play(steps[i]!.DeepClone().AsObject());
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Assert.Fail($"Step {i + 1}, {steps[i]!.ToJsonString()}: {exception.Message}");
            }
        }
    }

    private static JsonArray Read(string file) => JsonNode.Parse(
        File.ReadAllText(file), documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!["scenarios"]!.AsArray();
}
