using Chat.Balancer.Listening;
using Chat.Balancer.Picking;
using Chat.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Balancer;

/// <summary>Refuses to start on limits that make no sense, alone or together.</summary>
internal sealed class BalancerOptionsValidator : IValidateOptions<BalancerOptions>
{
    public ValidateOptionsResult Validate(string? name, BalancerOptions options)
    {
        var failures = Rules(options).Where(rule => !rule.Holds).Select(rule => $"{BalancerOptions.Section}: {rule.Text}").ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<(bool Holds, string Text)> Rules(BalancerOptions o) =>
    [
        (PickPolicies.Names.Contains(o.Policy), $"Policy is one of {string.Join(", ", PickPolicies.Names)}"),
        (WireEngineNames.Find(o.Engine) is not null, $"Engine is one of {WireEngineNames.All}"),
        (o.HeadBytesMax is >= 1024 and <= 65_536, "HeadBytesMax is 1024 to 65536"),
        (o.HeadFieldsMax is >= 10 and <= 1_000, "HeadFieldsMax is 10 to 1000"),
        (o.ConnectionTokensMax is >= 2 and <= 100, "ConnectionTokensMax is 2 to 100"),
        (o.TunnelBufferBytes is >= 1024 and <= 1_048_576, "TunnelBufferBytes is 1024 to 1048576"),
        (o.Id is null || (o.Id.Length is > 0 and <= 64 && o.Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')), "Id is 1 to 64 of letters, digits, - and _"),
        (o.CertificatePath is null || File.Exists(o.CertificatePath), "CertificatePath is a file"),
        (o.CertificateKeyPath is null || File.Exists(o.CertificateKeyPath), "CertificateKeyPath is a file"),
        (o.ProbePath.StartsWith('/'), "ProbePath starts with /"),
        (Positive(o.HeadSeconds, o.KeepAliveSeconds, o.BodyIdleSeconds, o.ResponseSeconds, o.ConnectSeconds), "HTTP times are above 0"),
        (Positive(o.TunnelIdleSeconds, o.LeasePollSeconds, o.LeaseGraceSeconds), "tunnel and lease times are above 0"),
        (Positive(o.ProbePeriodSeconds, o.ProbeTimeoutSeconds), "probe times are above 0"),
        (Positive(o.BacklogMax, o.ConnectAttemptsMax, o.ConnectionsMax, o.ConnectionsPerAddressMax), "connection limits are above 0"),
        (Positive(o.HandshakesPerSecondMax, o.HandshakesPerSecondPerNodeMax, o.RetryAfterSecondsMax), "handshake rates are above 0"),
        (Positive(o.ProbeFailuresToLeave, o.ProbeSuccessesToReturn), "probe counts are above 0"),
        (o.HandshakeQueueMax >= 0 && o.HandshakeQueueSeconds >= 0 && o.SlowStartSeconds >= 0 && o.DrainSeconds >= 0, "nothing is negative"),
        (o.ConnectSeconds * o.ConnectAttemptsMax <= o.ResponseSeconds, "ConnectSeconds × ConnectAttemptsMax fits into ResponseSeconds"),
        (o.HandshakesPerSecondPerNodeMax <= o.HandshakesPerSecondMax, "HandshakesPerSecondPerNodeMax is at most HandshakesPerSecondMax"),
        (Positive(o.LoopsMax, o.AbandonSeconds, o.ShedPeriodSeconds, o.ShedConnectionsMin, o.ShedWindowMs), "loops, abandoning and shedding are above 0"),
        (o.ShedRatioMin > 1, "ShedRatioMin is above 1"),
        (o.ShedBatchRatioMax is > 0 and <= 1, "ShedBatchRatioMax is above 0, at most 1"),
        (o.ConnectionAgeSecondsMax >= 0, "ConnectionAgeSecondsMax is not negative"),
        (o.IdleUpstreamsMax is >= 0 and <= 1_000, "IdleUpstreamsMax is 0 to 1000"),
        (o.IdleUpstreamSeconds is > 0 and <= 120, "IdleUpstreamSeconds is above 0, at most 120: a node closes idle connections after 130"),
        (o.ClientTracesPerSecondMax >= 0, "ClientTracesPerSecondMax is not negative"),
        (Positive(o.HandshakeSeconds, o.OutlierFailuresInRow, o.OutlierFailuresMin, o.OutlierHalfLifeSeconds, o.OutlierEjectSeconds), "handshake and outlier limits are above 0"),
        (o.OutlierRatioMin is > 0 and <= 1, "OutlierRatioMin is above 0, at most 1"),
        (o.OutlierEjectedRatioMax is >= 0 and <= 1, "OutlierEjectedRatioMax is 0 to 1"),
        (o.OutlierEjectSecondsMax >= o.OutlierEjectSeconds, "OutlierEjectSecondsMax is at least OutlierEjectSeconds"),
        (o.OutlierSlowRatioMin > 1 && o.OutlierSlowMsMin >= 0, "OutlierSlowRatioMin is above 1, OutlierSlowMsMin not negative"),
        (o.LeasesLostRatioMax is > 0 and <= 1, "LeasesLostRatioMax is above 0, at most 1"),
        (Positive(o.AnswerIdleSeconds, o.HalfClosedSeconds, o.DeadPeerSeconds, o.TlsHandshakesPerSecondMax), "times of answers, ends and dead peers, and TlsHandshakesPerSecondMax, are above 0"),
        (o.LameDuckSeconds >= 0, "LameDuckSeconds is not negative"),
        (ClientAddresses.Parse(o.TrustedProxies) is not null, "TrustedProxies is addresses and networks, separated by semicolons"),
        (!o.ProxyProtocol || !string.IsNullOrWhiteSpace(o.TrustedProxies), "ProxyProtocol needs TrustedProxies: anybody else could say anything"),
        (o.AdminConnectionsMax > 0, "AdminConnectionsMax is above 0"),
        (o.SocketBufferBytes is 0 or (>= 4_096 and <= 16_777_216), "SocketBufferBytes is 0 or 4096 to 16777216"),
        (o.RefusedConnectionsMax is > 0 and <= 500, "RefusedConnectionsMax is 1 to 500"),
        (o.HashLoadRatioMax > 1, "HashLoadRatioMax is above 1"),
    ];

    private static bool Positive(params ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (!(value > 0))
            {
                return false;
            }
        }

        return true;
    }
}
