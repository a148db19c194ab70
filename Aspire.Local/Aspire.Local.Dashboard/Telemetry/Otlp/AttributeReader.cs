using System.Globalization;
using System.Text.Json;
using Aspire.Local.Dashboard.Telemetry.Model;
using Google.Protobuf.Collections;
using Microsoft.Extensions.Options;
using OpenTelemetry.Proto.Common.V1;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>Turns OTLP attributes into bounded text. Safe to call from any thread.</summary>
internal sealed class AttributeReader(StringPool pool, IOptions<TelemetryLimits> limits)
{
    // Nested lists are shown, not searched: deeper than this nobody reads.
    private const int DepthMax = 4;

    private readonly int _lengthMax = limits.Value.AttributeLengthMax;
    private readonly int _attributesMax = limits.Value.AttributesMax;

    public IReadOnlyList<TelemetryTag> Read(RepeatedField<KeyValue> attributes)
    {
        if (attributes.Count == 0)
        {
            return [];
        }

        var read = new TelemetryTag[Math.Min(attributes.Count, _attributesMax)];
        for (var i = 0; i < read.Length; i++)
        {
            read[i] = new TelemetryTag(Text(attributes[i].Key), Text(attributes[i].Value));
        }

        return read;
    }

    public string Text(AnyValue? value) => Text(Format(value, 0));

    public string Text(string text) =>
        text.Length <= _lengthMax ? pool.Share(text) : string.Concat(text.AsSpan(0, _lengthMax), "…");

    private static string Format(AnyValue? value, int depth) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => value.StringValue,
        AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        AnyValue.ValueOneofCase.IntValue => value.IntValue.ToString(CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue.ToString("R", CultureInfo.InvariantCulture),
        AnyValue.ValueOneofCase.BytesValue => value.BytesValue.ToBase64(),
        AnyValue.ValueOneofCase.ArrayValue when depth < DepthMax =>
            $"[{string.Join(", ", value.ArrayValue.Values.Select(v => Quoted(v, depth + 1)))}]",
        AnyValue.ValueOneofCase.KvlistValue when depth < DepthMax =>
            $"{{{string.Join(", ", value.KvlistValue.Values.Select(v => $"{JsonSerializer.Serialize(v.Key)}: {Quoted(v.Value, depth + 1)}"))}}}",
        AnyValue.ValueOneofCase.ArrayValue or AnyValue.ValueOneofCase.KvlistValue => "…",
        _ => "",
    };

    private static string Quoted(AnyValue? value, int depth) => value?.ValueCase == AnyValue.ValueOneofCase.StringValue
        ? JsonSerializer.Serialize(value.StringValue)
        : Format(value, depth);
}
