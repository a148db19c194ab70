using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Lab.Results;

namespace Chat.Lab.Reporting;

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    Converters = [typeof(RoundedConverter), typeof(SeriesConverter)])]
[JsonSerializable(typeof(LabReport))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;

/// <summary>Three decimals: milliseconds in seconds. What is no number is written by its name.</summary>
internal sealed class RoundedConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String
            ? double.Parse(reader.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture)
            : reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(Math.Round(value, 3));
        }
        else
        {
            writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
        }
    }
}

/// <summary>A series on one line, also where everything else is indented.</summary>
internal sealed class SeriesConverter : JsonConverter<IReadOnlyList<int>>
{
    public override IReadOnlyList<int> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("A series is an array.");
        }

        var series = new List<int>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            series.Add(reader.GetInt32());
        }

        return series;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<int> value, JsonSerializerOptions options) =>
        writer.WriteRawValue($"[{string.Join(',', value)}]");
}
