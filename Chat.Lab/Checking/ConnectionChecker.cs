namespace Chat.Lab.Checking;

/// <summary>What clients were told of their connection: when it stood, and whether its node was degraded.</summary>
internal static class ConnectionChecker
{
    /// <summary>A node that lost Redis for a moment may say so a little later: its canary is overdue after four seconds.</summary>
    private const double EchoSeconds = 5;

    /// <summary>Two of the lab's longest waits between connects, and a connect.</summary>
    private const double AwaySeconds = 5;

    public static ConnectionFindings Check(Evidence evidence, Anomalies anomalies)
    {
        foreach (var client in evidence.Clients)
        {
            foreach (var status in client.Statuses.Where(status => status is { Degraded: true, Node: not null }))
            {
                if (!evidence.Faults.Any(fault => fault.From <= status.At && status.At <= fault.To + EchoSeconds && (fault.Touches(status.Node!) || fault.Touches(client.User))))
                {
                    anomalies.Add(AnomalyKind.FalseDegraded, "", () => $"{client.User} was told at {status.At:0.00} s that {status.Node} is degraded, and nothing was wrong with it");
                }
            }
        }

        ClientRecord[] present = [.. evidence.Clients.Where(client => client.Present)];
        return new ConnectionFindings(
            present.Count(client => IsAway(client, evidence.EndedAt)),
            present.Count(client => client.Statuses is [.., { Node: not null, Degraded: true }]),
            present.Length);
    }

    /// <summary>Not just on its way from one node to the next: nodes go on moving their clients until they are even.</summary>
    private static bool IsAway(ClientRecord client, double endedAt) =>
        !client.Statuses.Any(status => status.Node is not null)
        || (client.Statuses[^1].Node is null && client.Statuses.Reverse().TakeWhile(status => status.Node is null).Last().At < endedAt - AwaySeconds);

    /// <summary>How long it was connected to no node, each time that it had been to one.</summary>
    public static IEnumerable<double> Gaps(ClientRecord client, double endedAt)
    {
        double? lostAt = null;
        var wasConnected = false;
        foreach (var status in client.Statuses)
        {
            if (status.Node is null && wasConnected)
            {
                lostAt ??= status.At;
            }
            else if (status.Node is not null)
            {
                wasConnected = true;
                if (lostAt is { } from)
                {
                    lostAt = null;
                    yield return status.At - from;
                }
            }
        }

        if (lostAt is { } never)
        {
            yield return endedAt - never;
        }
    }

    /// <summary>On which node it was from when to when.</summary>
    public static IEnumerable<(string Node, double From, double To)> Stays(ClientRecord client, double endedAt)
    {
        (string Node, double From)? stay = null;
        foreach (var status in client.Statuses.Where(status => status.Node != stay?.Node))
        {
            if (stay is { } before)
            {
                yield return (before.Node, before.From, status.At);
            }

            stay = status.Node is null ? null : (status.Node, status.At);
        }

        if (stay is { } last)
        {
            yield return (last.Node, last.From, endedAt);
        }
    }
}

/// <param name="Away">Clients that are there at the end, and have been on no node for some seconds.</param>
/// <param name="Degraded">Clients that are told at the end that their node is degraded.</param>
internal sealed record ConnectionFindings(int Away, int Degraded, int Present);
