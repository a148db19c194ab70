using System.Diagnostics;
using Chat.Tests.Support;

namespace Chat.Tests.Telemetry;

/// <summary>Has every span of a source recorded and keeps it. Other tests' are among them: look for your own by room.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public SpanRecorder(string source)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = published => published.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (_gate)
                {
                    _spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Spans
    {
        get
        {
            lock (_gate)
            {
                return [.. _spans];
            }
        }
    }

    /// <summary>Waits for the first span with this name.</summary>
    public Task<Activity> NamedAsync(string name) => FirstAsync(span => span.DisplayName == name, name);

    public async Task<Activity> FirstAsync(Func<Activity, bool> isIt, string what)
    {
        Activity? found = null;
        await Within.True(10, () => Task.FromResult((found = Spans.FirstOrDefault(isIt)) is not null), $"the span {what} has ended");
        return found!;
    }

    public void Dispose() => _listener.Dispose();
}
