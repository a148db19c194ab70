using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Lab.Results;

namespace Chat.Lab.Predicting;

/// <summary>
/// What is expected, written down before a run and read by it: values, and formulas over who was where and wrote when. A version once
/// measured against is not changed: whoever knows better writes the next one.
/// </summary>
/// <param name="Date">When this version was written.</param>
internal sealed record Predictions(int Version, string Date, IReadOnlyList<Prediction> All)
{
    private const string Current = "v2.json";

    public static Predictions Nothing { get; } = new(0, "", []);

    public string Name => $"version {Version} of {Date}";

    /// <exception cref="FormatException">The file is none, names a formula that is none, or predicts something twice.</exception>
    public static Predictions Read()
    {
        using var file = typeof(Predictions).Assembly.GetManifestResourceStream(Current)!;
        using var reader = new StreamReader(file);
        return Parse(reader.ReadToEnd());
    }

    /// <inheritdoc cref="Read"/>
    public static Predictions Parse(string json)
    {
        Predictions read;
        try
        {
            read = JsonSerializer.Deserialize(json, PredictionsContext.Default.Predictions) ?? throw new FormatException("The file holds no predictions.");
        }
        catch (JsonException broken)
        {
            throw new FormatException($"The file holds no predictions: {broken.Message}", broken);
        }

        var keys = new HashSet<(string, string, string)>();
        foreach (var prediction in read.All)
        {
            if (!Formulas.Names.Contains(prediction.Formula))
            {
                throw new FormatException($"'{prediction.Formula}' is no formula; there are {string.Join(", ", Formulas.Names)}.");
            }

            foreach (var strategy in prediction.Strategies)
            {
                if (!keys.Add((prediction.Experiment, strategy, prediction.Quantity)))
                {
                    throw new FormatException($"'{prediction.Quantity}' of {prediction.Experiment} is predicted twice for {strategy}.");
                }
            }
        }

        return read;
    }

    /// <returns>The measure with what was predicted for it, if anything was.</returns>
    public Measure Beside(string experiment, string strategy, Measure measure, Ground ground)
    {
        var prediction = All.FirstOrDefault(candidate =>
            candidate.Experiment == experiment && candidate.Quantity == measure.Name && candidate.Strategies.Contains(strategy));
        return prediction is null
            ? measure
            : measure with { Predicted = Formulas.Compute(prediction, ground), Tolerance = prediction.Tolerance, Reason = prediction.Reason };
    }
}

/// <param name="Quantity">As the experiment names it.</param>
/// <param name="Formula">One of <see cref="Formulas.Names"/>.</param>
/// <param name="Value">Of the formula <c>constant</c>.</param>
/// <param name="Seconds">That the fault outlasts itself: until a connection stands again.</param>
/// <param name="Tolerance">How far off still counts as predicted, in the unit of the quantity.</param>
/// <param name="Reason">The formula in words.</param>
internal sealed record Prediction(
    string Experiment, IReadOnlyList<string> Strategies, string Quantity, string Formula, double Tolerance, string Reason, double Value = 0, double Seconds = 0);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Predictions))]
internal sealed partial class PredictionsContext : JsonSerializerContext;
