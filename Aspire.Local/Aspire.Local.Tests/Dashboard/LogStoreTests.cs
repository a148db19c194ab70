using Aspire.Local.Dashboard.Telemetry;
using Aspire.Local.Dashboard.Telemetry.Logs;
using Aspire.Local.Dashboard.Telemetry.Model;
using Xunit;

namespace Aspire.Local.Tests.Dashboard;

public sealed class LogStoreTests
{
    [Fact]
    public void Oldest_records_make_room_and_are_counted()
    {
        var store = new LogStore(Some.Limits(new TelemetryLimits { LogsMax = 100 }));

        store.Add([.. Enumerable.Range(1, 130).Select(i => Some.Log($"{i}"))]);

        var snapshot = store.Snapshot();
        Assert.Equal((100, 30L, "31"), (snapshot.Entries.Count, snapshot.Dropped, snapshot.Entries[0].Message));
    }

    [Fact]
    public void Bytes_are_bounded_too()
    {
        var store = new LogStore(Some.Limits(new TelemetryLimits { LogBytesMax = 1 << 20 }));

        store.Add([.. Enumerable.Range(1, 20).Select(i => Some.Log($"{i}", bytes: 1 << 18))]);

        Assert.Equal((4, 1L << 20), (store.Snapshot().Entries.Count, store.Snapshot().Bytes));
    }

    [Fact]
    public void Filter_takes_the_level_and_those_above_and_one_trace()
    {
        var warning = Some.Log("slow", LogSeverity.Warning, trace: 7);

        Assert.True(new LogFilter("SLOW", "node", LogSeverity.Warning, new TraceId(7)).Matches(warning));
        Assert.False(new LogFilter("", "", LogSeverity.Error, default).Matches(warning));
        Assert.False(new LogFilter("", "", LogSeverity.Trace, new TraceId(8)).Matches(warning));
    }
}
