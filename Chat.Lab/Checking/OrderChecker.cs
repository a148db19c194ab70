namespace Chat.Lab.Checking;

/// <summary>All pairs of messages over all receivers: two that saw a pair in two orders.</summary>
internal static class OrderChecker
{
    private const int Bits = 64;

    public static void Check(RoomEvidence room, Anomalies anomalies)
    {
        var numbers = new Dictionary<(string Author, string Id), int>();
        var keys = new List<(string Author, string Id)>();
        var orders = new HashSet<int[]>(new SameOrder());
        foreach (var view in room.Views)
        {
            orders.Add([.. room.OrderOf(view).Select(Number)]);
        }

        if (orders.Count < 2)
        {
            return;
        }

        var words = (keys.Count + Bits - 1) / Bits;
        var after = new ulong[keys.Count * words];
        foreach (var order in orders)
        {
            Note(order, after, words);
        }

        for (var a = 0; a < keys.Count; a++)
        {
            for (var b = a + 1; b < keys.Count; b++)
            {
                if (Has(after, words, a, b) && Has(after, words, b, a))
                {
                    var (one, other) = (keys[a], keys[b]);
                    anomalies.Add(AnomalyKind.Inverted, room.Room, () => $"{one.Author}/{one.Id} and {other.Author}/{other.Id} were seen in two orders");
                }
            }
        }

        int Number((string Author, string Id) key)
        {
            if (!numbers.TryGetValue(key, out var number))
            {
                numbers[key] = number = keys.Count;
                keys.Add(key);
            }

            return number;
        }
    }

    /// <summary>Adds, for each message of one order, all that come after it: a bit for each.</summary>
    private static void Note(int[] order, ulong[] after, int words)
    {
        var later = new ulong[words];
        for (var i = order.Length - 1; i >= 0; i--)
        {
            var row = after.AsSpan(order[i] * words, words);
            for (var word = 0; word < words; word++)
            {
                row[word] |= later[word];
            }

            later[order[i] / Bits] |= 1UL << (order[i] % Bits);
        }
    }

    private static bool Has(ulong[] after, int words, int a, int b) => (after[(a * words) + (b / Bits)] & (1UL << (b % Bits))) != 0;

    private sealed class SameOrder : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(obj.AsSpan()));
            return hash.ToHashCode();
        }
    }
}
