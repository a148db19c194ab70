using System.Globalization;
using System.Text.Json.Nodes;

namespace Chat.Tests.Client.Scenarios;

/// <summary>Frames as scenario files write them: what is not said is filled in, as docs/scenarios/README.md has it.</summary>
internal static class FrameTemplate
{
    /// <param name="names">What earlier steps have named: <c>$first.id</c> is the id of the frame named <c>first</c>.</param>
    public static JsonObject Complete(JsonObject template, IReadOnlyDictionary<string, JsonObject> names)
    {
        var frame = Resolve(template, names).AsObject();
        switch (frame["type"]!.GetValue<string>())
        {
            case "hello":
                Default(frame, Hello());
                break;
            case "message":
                CompleteMessage(frame, "lobby", "e1");
                break;
            case "joined":
                Default(frame, new JsonObject { ["room"] = "lobby", ["epoch"] = "e1", ["recovered"] = true, ["messages"] = new JsonArray() });
                frame["messages"] = Messages(frame);
                frame["offset"] ??= frame["messages"]!.AsArray().LastOrDefault()?["offset"]?.DeepClone() ?? 0;
                break;
            case "history":
                Default(frame, new JsonObject { ["room"] = "lobby", ["more"] = false, ["messages"] = new JsonArray() });
                frame["messages"] = Messages(frame);
                break;
            case "ack":
                Default(frame, new JsonObject { ["room"] = "lobby", ["epoch"] = "e1" });
                break;
            case "nack":
                Default(frame, new JsonObject { ["message"] = "Refused.", ["retryable"] = false });
                break;
            case "error":
                Default(frame, new JsonObject { ["message"] = "Refused." });
                break;
        }

        return frame;
    }

    /// <summary>Whether a frame has everything the pattern has. In a pattern null is for what must not be there.</summary>
    public static bool Matches(JsonNode? pattern, JsonNode? actual) => (pattern, actual) switch
    {
        (null, null) => true,
        (JsonObject wanted, JsonObject given) => wanted.All(field => Matches(field.Value, given[field.Key])),
        _ => JsonNode.DeepEquals(pattern, actual),
    };

    public static JsonNode Resolve(JsonNode node, IReadOnlyDictionary<string, JsonObject> names) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, field.Value is null ? null : Resolve(field.Value, names)))),
        JsonArray items => new JsonArray([.. items.Select(item => item is null ? null : Resolve(item, names))]),
        JsonValue value when value.TryGetValue<string>(out var text) && text.StartsWith('$') && text.Split('.') is [var name, var field] =>
            names[name[1..]][field]!.DeepClone(),
        _ => node.DeepClone(),
    };

    private static JsonObject Hello() => new()
    {
        ["protocol"] = 1,
        ["node"] = "n1",
        ["connection"] = "c1",
        ["user"] = "ada",
        ["pingSeconds"] = 0,
        ["limits"] = new JsonObject { ["frameBytesMax"] = 16384, ["textBytesMax"] = 4096, ["roomsMax"] = 100 },
    };

    /// <summary>Numbers, ranges (<c>"5-8"</c>) and objects.</summary>
    private static JsonArray Messages(JsonObject frame)
    {
        var messages = new JsonArray();
        foreach (var entry in frame["messages"]!.AsArray())
        {
            foreach (var message in Expand(entry!))
            {
                CompleteMessage(message, frame["room"]!.GetValue<string>(), frame["epoch"]?.GetValue<string>() ?? "e1");
                messages.Add(message);
            }
        }

        return messages;
    }

    private static IEnumerable<JsonObject> Expand(JsonNode entry)
    {
        if (entry is JsonObject message)
        {
            return [message.DeepClone().AsObject()];
        }

        var (first, last) = Range(entry);
        return Enumerable.Range(0, (int)(last - first + 1)).Select(index => new JsonObject { ["offset"] = first + index });
    }

    public static (long First, long Last) Range(JsonNode entry)
    {
        if (entry.GetValueKind() == System.Text.Json.JsonValueKind.Number)
        {
            return (entry.GetValue<long>(), entry.GetValue<long>());
        }

        var ends = entry.GetValue<string>().Split('-');
        return (long.Parse(ends[0], CultureInfo.InvariantCulture), long.Parse(ends[1], CultureInfo.InvariantCulture));
    }

    private static void CompleteMessage(JsonObject message, string room, string epoch)
    {
        var offset = message["offset"]!.GetValue<long>();
        Default(message, new JsonObject
        {
            ["type"] = "message",
            ["room"] = room,
            ["epoch"] = epoch,
            ["id"] = $"m{offset}",
            ["author"] = "bob",
            ["text"] = $"text {offset}",
            ["sentAt"] = "2026-01-01T00:00:00.000Z",
            ["node"] = "n1",
        });
    }

    private static void Default(JsonObject frame, JsonObject defaults)
    {
        foreach (var (name, value) in defaults)
        {
            frame[name] ??= value?.DeepClone();
        }
    }
}
