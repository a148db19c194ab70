namespace Chat.Balancer.Heads;

/// <summary>How the end of a body is known.</summary>
/// <param name="Length">Of a body with a length; otherwise 0.</param>
internal readonly record struct BodyFraming(BodyKind Kind, long Length)
{
    public static readonly BodyFraming None = new(BodyKind.None, 0);
    public static readonly BodyFraming Chunked = new(BodyKind.Chunked, 0);
    public static readonly BodyFraming UntilClose = new(BodyKind.UntilClose, 0);

    public static BodyFraming OfLength(long length) => new(BodyKind.Length, length);

    /// <summary>Reads Content-Length and Transfer-Encoding, and refuses every head that two readers could frame differently.</summary>
    /// <returns>Null, or why the head is refused; without either field <paramref name="framing"/> is None.</returns>
    public static Refusal? Read(HeaderFields fields, bool isHttp11, out BodyFraming framing)
    {
        framing = None;
        var lengths = fields.Find("content-length"u8, out var lengthText);
        var codings = fields.Find("transfer-encoding"u8, out var coding);
        if (codings > 0)
        {
            if (lengths > 0 || !isHttp11)
            {
                return Refusal.TwoFramings;
            }

            framing = Chunked;
            return codings == 1 && System.Text.Ascii.EqualsIgnoreCase(coding, "chunked"u8) ? null : Refusal.UnknownCoding;
        }

        if (lengths > 0)
        {
            if (lengths > 1 || !Grammar.TryParseLength(lengthText, out var length))
            {
                return Refusal.BadLength;
            }

            framing = OfLength(length);
        }

        return null;
    }
}

internal enum BodyKind
{
    None,
    Length,
    Chunked,
    UntilClose,
}
