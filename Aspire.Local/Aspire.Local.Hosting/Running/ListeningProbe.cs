using Aspire.Local.Hosting.Proxying;

namespace Aspire.Local.Hosting.Running;

/// <summary>Learns whether a program has come as far as to listen.</summary>
internal static class ListeningProbe
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    /// <returns>True as soon as one of its ports takes a connection; false when cancelled before.</returns>
    public static async Task<bool> WaitAsync(ResourceInstance instance, TimeProvider time, CancellationToken cancellationToken)
    {
        var backends = instance.Endpoints.Select(own => new Backend(own.Port)).ToArray();
        if (backends.Length == 0)
        {
            return false;
        }

        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                foreach (var backend in backends)
                {
                    using var socket = await backend.TryConnectAsync(cancellationToken);
                    if (socket is not null)
                    {
                        return true;
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // It ended first.
        }

        return false;
    }
}
