namespace Chat.Node.Backplane.Log;

/// <summary>How much all rooms of this node together may hold of their newest publications. Safe to call from any thread.</summary>
internal sealed class FeedMemory(long bytesMax)
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <returns>False when there is no room for as much: nothing was taken.</returns>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= bytesMax)
        {
            return true;
        }

        Release(bytes);
        return false;
    }

    public void Release(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
