namespace Chat.Balancer.Heads;

/// <param name="ConnectionTokensMax">Of all Connection fields of a head together.</param>
internal readonly record struct HeadLimits(int BytesMax, int FieldsMax, int ConnectionTokensMax)
{
    public static HeadLimits OfRequests(BalancerOptions options) => new(options.HeadBytesMax, options.HeadFieldsMax, options.ConnectionTokensMax);

    public static HeadLimits OfResponses(BalancerOptions options) => new(options.TunnelBufferBytes, options.HeadFieldsMax, options.ConnectionTokensMax);
}
