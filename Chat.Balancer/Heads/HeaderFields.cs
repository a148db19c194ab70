using System.Text;

namespace Chat.Balancer.Heads;

/// <summary>The fields of one head, in the order they came, as ranges of its bytes.</summary>
/// <param name="head">The head's own copy of its bytes.</param>
internal sealed class HeaderFields(byte[] head)
{
    private readonly List<(Range Name, Range Value)> _fields = new(16);
    private readonly List<Range> _connection = new(2);

    public int Count => _fields.Count;

    public ReadOnlySpan<byte> Name(int index) => head.AsSpan(_fields[index].Name);

    public ReadOnlySpan<byte> Value(int index) => head.AsSpan(_fields[index].Value);

    public bool Is(int index, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name(index), name);

    /// <summary>How often a field occurs, and its last value.</summary>
    public int Find(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        var found = 0;
        for (var i = 0; i < Count; i++)
        {
            if (Is(i, name))
            {
                value = Value(i);
                found++;
            }
        }

        return found;
    }

    /// <summary>True when each field of this name has this value; also when there is none.</summary>
    public bool AllAre(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Is(i, name) && !Ascii.EqualsIgnoreCase(Value(i), value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when the Connection fields name this. They are taken apart once: each field of a head asks.</summary>
    public bool ConnectionHas(ReadOnlySpan<byte> token)
    {
        foreach (var range in _connection)
        {
            if (Ascii.EqualsIgnoreCase(head.AsSpan(range), token))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when a list field (all its occurrences together) has this token.</summary>
    public bool HasToken(ReadOnlySpan<byte> name, ReadOnlySpan<byte> token)
    {
        for (var i = 0; i < Count; i++)
        {
            if (Is(i, name) && ListHas(Value(i), token))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Parses the lines between the first line and the empty one.</summary>
    /// <returns>Null, or why the head is refused.</returns>
    public Refusal? Parse(int start, int end, HeadLimits limits)
    {
        while (start < end)
        {
            var length = head.AsSpan(start, end - start).IndexOf("\r\n"u8);
            var line = head.AsSpan(start, length < 0 ? end - start : length);
            if (_fields.Count == limits.FieldsMax)
            {
                return Refusal.ManyFields;
            }

            if (line.IsEmpty || line[0] is (byte)' ' or (byte)'\t')
            {
                return line.IsEmpty ? Refusal.BadField : Refusal.FoldedField;
            }

            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || !Grammar.IsToken(line[..colon]) || !Grammar.IsFieldValue(line[(colon + 1)..]))
            {
                return Refusal.BadField;
            }

            var value = Grammar.Trim(line[(colon + 1)..], out var leading);
            var valueStart = start + colon + 1 + leading;
            _fields.Add((start..(start + colon), valueStart..(valueStart + value.Length)));
            if (Is(Count - 1, "connection"u8) && !TryAddConnection(valueStart, valueStart + value.Length, limits.ConnectionTokensMax))
            {
                return Refusal.ManyTokens;
            }

            start += line.Length + 2;
        }

        return null;
    }

    private bool TryAddConnection(int start, int end, int tokensMax)
    {
        foreach (var range in head.AsSpan(start, end - start).Split((byte)','))
        {
            var (offset, length) = range.GetOffsetAndLength(end - start);
            var token = Grammar.Trim(head.AsSpan(start + offset, length), out var leading);
            if (token.IsEmpty)
            {
                continue;
            }

            if (_connection.Count == tokensMax)
            {
                return false;
            }

            var at = start + offset + leading;
            _connection.Add(at..(at + token.Length));
        }

        return true;
    }

    private static bool ListHas(ReadOnlySpan<byte> list, ReadOnlySpan<byte> token)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(Grammar.Trim(list[range], out _), token))
            {
                return true;
            }
        }

        return false;
    }
}
