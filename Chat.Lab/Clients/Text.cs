using System.Globalization;

namespace Chat.Lab.Clients;

/// <summary>Texts that can be told apart without being kept.</summary>
internal static class Text
{
    private const int KeptMax = 64;

    /// <summary>The text itself while it is short, else its length and its hash: the same within this process for the same text.</summary>
    public static string Mark(string text) => text.Length <= KeptMax
        ? text
        : string.Create(CultureInfo.InvariantCulture, $"{text.Length} characters, {text.GetHashCode(StringComparison.Ordinal):x8}");
}
