namespace Chat.Lab.Clients;

/// <summary>Seconds since the load of a cell began, the same for everything in this process.</summary>
internal sealed class LabClock
{
    private readonly long _started = TimeProvider.System.GetTimestamp();

    public double Now => TimeProvider.System.GetElapsedTime(_started).TotalSeconds;
}
