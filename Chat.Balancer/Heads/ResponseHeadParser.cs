namespace Chat.Balancer.Heads;

/// <summary>Parses a node's response head as strictly as a client's request: a node is trusted no more than it must be.</summary>
internal static class ResponseHeadParser
{
    /// <returns>Bytes the head takes, 0 when more must come, -1 when it is not a response this balancer passes on.</returns>
    public static int Parse(ReadOnlySpan<byte> received, HeadLimits limits, bool toHeadRequest, out ResponseHead? response)
    {
        response = null;
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return received.Length >= limits.BytesMax ? -1 : 0;
        }

        var head = received[..(end + 2)].ToArray();
        var lineLength = head.AsSpan().IndexOf("\r\n"u8);
        if (!ParseStatusLine(head.AsSpan(0, lineLength), out var status, out var phrase, out var isHttp11))
        {
            return -1;
        }

        var fields = new HeaderFields(head);
        if (fields.Parse(lineLength + 2, head.Length, limits) is not null
            || BodyFraming.Read(fields, isHttp11, out var framing) is not null)
        {
            return -1;
        }

        if (toHeadRequest || status is < 200 or 204 or 304)
        {
            framing = BodyFraming.None;
        }
        else if (framing.Kind == BodyKind.None)
        {
            framing = BodyFraming.UntilClose;
        }

        var keepAlive = isHttp11 && framing.Kind != BodyKind.UntilClose && !fields.ConnectionHas("close"u8);
        response = new ResponseHead(status, phrase, fields, framing, keepAlive);
        return end + 4;
    }

    private static bool ParseStatusLine(ReadOnlySpan<byte> line, out int status, out string phrase, out bool isHttp11)
    {
        (status, phrase) = (0, "");
        isHttp11 = line.StartsWith("HTTP/1.1 "u8);
        if (line.Length < 12 || !(isHttp11 || line.StartsWith("HTTP/1.0 "u8))
            || !Grammar.TryParseLength(line[9..12], out var number) || number < 100
            || (line.Length > 12 && line[12] != ' ') || !Grammar.IsFieldValue(line))
        {
            return false;
        }

        status = (int)number;
        phrase = line.Length > 13 ? Grammar.Text(line[13..]) : "";
        return true;
    }
}
