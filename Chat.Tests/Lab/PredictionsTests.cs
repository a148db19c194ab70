using Chat.Lab.Checking;
using Chat.Lab.Cluster;
using Chat.Lab.Experiments;
using Chat.Lab.Predicting;
using Chat.Lab.Results;
using Chat.Protocol;

namespace Chat.Tests.Lab;

public sealed class PredictionsTests
{
    private const string Room = "room";

    [Fact]
    public void Whatever_is_predicted_is_measured()
    {
        var predictions = Predictions.Read();

        Assert.All(predictions.All, prediction =>
        {
            var experiment = Catalogue.Named(prediction.Experiment);
            Assert.Contains(prediction.Quantity, experiment.Quantities.Select(quantity => quantity.Name));
            Assert.All(prediction.Strategies, strategy => Assert.Contains(strategy, Catalogue.Names.Strategies));
        });
    }

    [Theory]
    [InlineData("""{ "version": 3, "date": "d", "all": [{ "experiment": "e", "strategies": ["log"], "quantity": "q", "formula": "hope", "tolerance": 1, "reason": "r" }] }""", "no formula")]
    [InlineData("""{ "version": 3, "date": "d", "all": [{ "experiment": "e", "strategies": ["log", "log"], "quantity": "q", "formula": "constant", "tolerance": 1, "reason": "r" }] }""", "twice")]
    [InlineData("""{ "version": 3, "date": "d", "all": [{ "experiment": "e" }] }""", "no predictions")]
    [InlineData("""{ "version": 3, "date": "d", "all": [], "more": 1 }""", "no predictions")]
    [InlineData("nothing", "no predictions")]
    public void A_file_that_is_none_is_refused(string json, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => Predictions.Parse(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("elsewhere", 75)]
    [InlineData("to the cut", 25)]
    [InlineData("across the cut", 50)]
    [InlineData("elsewhere, meanwhile", 50)]
    [InlineData("to the deaf", 50)]
    [InlineData("to the deaf, from elsewhere", 50)]
    [InlineData("acked meanwhile", 0)]
    [InlineData("shown again to all", 0)]
    [InlineData("lands elsewhere", 2.0 / 3)]
    [InlineData("clocks backwards", 0)]
    [InlineData("constant", 7)]
    public void Formulas_are_over_who_was_where_and_wrote_when(string formula, double expected)
    {
        // Ada on n1 writes at 1 and 5; Bob on n2 at 2 and 6, and goes to n1 before that. n2 is cut off from 0.5 to 4.
        var (ada, bob) = (Client("ada", [1, 5], (0, "n1")), Client("bob", [2, 6], (0, "n2"), (5.5, "n1")));
        var evidence = new Evidence([ada, bob], Log: null, EndedAt: 10) { Faults = [new FaultSpan(0.5, 4, "cut", ["n2"])] };
        var ground = new Ground(new Setting("pubsub", LabParameters.Usual, new ClusterPlan(), Load.Of(LabParameters.Usual)), evidence);

        var computed = Formulas.Compute(new Prediction("e", ["pubsub"], "q", formula, 0, "r", Value: 7), ground);

        Assert.Equal(Expected(formula, expected), computed, 6);
    }

    // Of four deliveries: at 1 n1 to n2, at 2 n2 to n1, at 5 n1 to n2, at 6 n1 to n1.
    private static double Expected(string formula, double otherwise) => formula switch
    {
        // Each of the two writes half of the room's messages but the last: three of n1, one of n2, and n1's clock is ahead.
        "clocks backwards" => 100 * 0.75 * 0.25,
        _ => otherwise,
    };

    [Fact]
    public void The_peak_of_returns_is_the_largest_window_and_not_the_mean_one()
    {
        var crowd = Enumerable.Range(0, 150).Select(index => Client($"user-{index}", [], (0, "n1"))).ToArray();
        var evidence = new Evidence(crowd, Log: null, EndedAt: 10) { Faults = [new FaultSpan(1, 4, "killed", ["n1"])] };
        var ground = new Ground(new Setting("log", LabParameters.Usual, new ClusterPlan(), new Load(150, 1, 1, BackoffSeconds: 2)), evidence);

        var peak = Formulas.Compute(new Prediction("e", ["log"], "q", "peak of returns", 0, "r"), ground);

        // A twentieth is the mean.
        Assert.InRange(peak, 8, 14);
    }

    private static ClientRecord Client(string user, double[] sends, params (double At, string Node)[] nodes) => new(
        user,
        [new RoomRecord(Room, 0, [], [], [])],
        [.. sends.Select(at => new SentRecord(Room, $"{user}-{at}", at, at + 0.1, new Position("e", 1), SendOutcome.Acked, "text"))],
        [.. nodes.Select(node => new StatusRecord(node.At, node.Node, Degraded: false, CloseCode: null))],
        Present: true,
        GoneAt: null);
}
