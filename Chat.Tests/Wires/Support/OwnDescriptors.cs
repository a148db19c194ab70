using System.Runtime.InteropServices;

namespace Chat.Tests.Wires.Support;

/// <summary>The descriptors of this process.</summary>
internal static class OwnDescriptors
{
    private const int NumberOfFiles = 7;

    public static int Count => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>From now on no descriptor can be opened; disposing allows it again (setrlimit(2), RLIMIT_NOFILE).</summary>
    public static IDisposable AllowNoMore()
    {
        Assert.Equal(0, getrlimit(NumberOfFiles, out var before));
        using (var lowestFree = File.OpenHandle("/dev/null"))
        {
            var none = before with { Soft = (nuint)lowestFree.DangerousGetHandle() };
            Assert.Equal(0, setrlimit(NumberOfFiles, none));
        }

        return new Restoring(before);
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getrlimit(int resource, out Limit limit);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setrlimit(int resource, in Limit limit);

    private record struct Limit(nuint Soft, nuint Hard);

    private sealed class Restoring(Limit before) : IDisposable
    {
        public void Dispose() => Assert.Equal(0, setrlimit(NumberOfFiles, before));
    }
}
