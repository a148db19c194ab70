using System.Collections.Concurrent;

namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>Lets equal short strings of many spans be one object. Safe to call from any thread.</summary>
internal sealed class StringPool
{
    private const int StringsMax = 8_192;
    private const int LengthMax = 128;

    private readonly ConcurrentDictionary<string, string> _strings = new(StringComparer.Ordinal);
    private int _added;

    public string Share(string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        if (text.Length > LengthMax)
        {
            return text;
        }

        if (_strings.TryGetValue(text, out var shared))
        {
            return shared;
        }

        // Starting over is cheaper than knowing which strings are still in use.
        if (Interlocked.Increment(ref _added) > StringsMax)
        {
            _strings.Clear();
            Volatile.Write(ref _added, 0);
        }

        return _strings.GetOrAdd(text, text);
    }
}
