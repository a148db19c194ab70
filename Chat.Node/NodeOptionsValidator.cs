using Chat.Wires;
using Microsoft.Extensions.Options;

namespace Chat.Node;

/// <summary>What no attribute can say: how the options have to stand to each other.</summary>
internal sealed class NodeOptionsValidator : IValidateOptions<NodeOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeOptions options)
    {
        var problems = new List<string>();
        Require(options.Delivery == "log", $"Delivery is \"{options.Delivery}\": Chat.Node has only log, Chat.Experiments has the others");
        Require(options.TokenAuthority is not null || options.TokenKey.Length >= 32, "TokenKey has at least 32 characters, or TokenAuthority names an issuer");
        Require(
            options.TokenAuthority is null
            || (Uri.TryCreate(options.TokenAuthority, UriKind.Absolute, out var authority) && (authority.Scheme == "https" || authority.IsLoopback)),
            "TokenAuthority is an https address");
        Require(options.TokenAuthority is null || options.DevelopmentLogin != true, "DevelopmentLogin has no place beside a TokenAuthority");
        Require(options.TokenLifetime <= options.RevocationMemory, "RevocationMemory is at least TokenLifetime: what was revoked must not count again before it expires");
        Require(options.TextBytesMax < options.FrameBytesMax, "TextBytesMax is below FrameBytesMax: a text travels in a frame");
        Require(WireEngineNames.Find(options.Engine) is not null, $"Engine is \"{options.Engine}\": one of {WireEngineNames.All}");
        Require(options.NodeLeaseRenewal * 3 <= options.NodeLease, "NodeLease is at least three NodeLeaseRenewals: one lost renewal is no death");
        Require(options.PongTimeout <= options.PingPeriod, "PongTimeout is at most PingPeriod");
        Require(options.PingPeriod <= TimeSpan.FromSeconds(30), "PingPeriod is at most 30 s: half the shortest idle cut on the way");
        Require(options.ReadBytesPrepaid <= options.ReadBytesBurst, "ReadBytesPrepaid is at most ReadBytesBurst");
        Require(options.RecoveryBytesMax <= options.ReadBytesBurst, "RecoveryBytesMax is at most ReadBytesBurst: a user may come back to one room");
        Require(options.RecheckPeriod * 3 <= options.EmptyRoomMemory, "EmptyRoomMemory is at least three RecheckPeriods: an open room is renewed once in each");
        Require(options.SendsPrepaid <= options.SendsBurst, "SendsPrepaid is at most SendsBurst");
        Require(
            options.FramesBurst >= options.RoomsPerConnectionMax * 3,
            "FramesBurst is at least three times RoomsPerConnectionMax: who comes back has a join, a read position and a message for each room");
        Require(options.ClientTracesPerSecond <= options.ClientTracesPerSecondMax, "ClientTracesPerSecond is at most ClientTracesPerSecondMax");
        Require(options.RecoveryBytesMax <= options.RecoveryBytesInFlightMax, "RecoveryBytesMax is at most RecoveryBytesInFlightMax: one recovery has to fit");
        Require(options.NewestMessages <= options.RecoveryMessagesMax, "NewestMessages is at most RecoveryMessagesMax");
        Require(options.RecoveryMessagesMax <= options.LogMessagesMax, "RecoveryMessagesMax is at most LogMessagesMax");
        Require(options.RedisDeadline < options.NodeLease, "RedisDeadline is below NodeLease: a stuck call must not cost the lease");
        Require(options.CanaryPeriod * 2 <= options.CanaryTimeout, "CanaryTimeout is at least two CanaryPeriods");
        Require(options.RepairRetryMin <= options.RepairRetryMax, "RepairRetryMin is at most RepairRetryMax");
        Require(options.PresenceGrace <= options.NodeLease, "PresenceGrace is at most NodeLease: who is gone is gone within one lease, however it came about");
        Require(options.PresenceGrace <= options.RoomReleaseDelay, "PresenceGrace is at most RoomReleaseDelay: an empty room is held for those on their way back");
        Require(options.PresencePeriod <= options.PresenceCountPeriod, "PresencePeriod is at most PresenceCountPeriod");
        Require(options.PresenceCountPeriod <= options.PresenceShedPeriod, "PresenceCountPeriod is at most PresenceShedPeriod");
        foreach (var (value, option) in Periods(options))
        {
            Require(value > TimeSpan.Zero, $"{option} is above zero");
        }

        return problems.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(problems.Select(problem => $"{NodeOptions.Section}: {problem}."));

        void Require(bool holds, string rule)
        {
            if (!holds)
            {
                problems.Add(rule);
            }
        }
    }

    private static IEnumerable<(TimeSpan Value, string Option)> Periods(NodeOptions options) =>
        from property in typeof(NodeOptions).GetProperties()
        where property.PropertyType == typeof(TimeSpan)
        select ((TimeSpan)property.GetValue(options)!, property.Name);
}
