using System.Reflection;
using Aspire.Hosting;

namespace Aspire.Local.Hosting;

/// <summary>Lets a test run the Main of an AppHost up to Build and take over from there.</summary>
/// <remarks>It travels with the execution context, so several tests may do it at once.</remarks>
internal sealed class AppHostInterception(Assembly assembly, string[] args)
{
    private static readonly AsyncLocal<AppHostInterception?> Ambient = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _captured = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static AppHostInterception? Current => Ambient.Value;

    public Assembly Assembly { get; } = assembly;

    /// <summary>Runs Main on the calling thread; the caller gives it a thread of its own.</summary>
    /// <returns>The builder as Main left it when it called Build.</returns>
    public Task<DistributedApplicationBuilder> RunMain()
    {
        Ambient.Value = this;
        try
        {
            var main = Assembly.EntryPoint
                ?? throw new InvalidOperationException($"The assembly '{Assembly.GetName().Name}' has no Main to run.");
            main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [args], null);
            _captured.TrySetException(new InvalidOperationException($"The Main of '{Assembly.GetName().Name}' ended without a call to Build."));
        }
        catch (Exception error)
        {
            // After a capture this is the exception that ended Main, and changes nothing.
            _captured.TrySetException(error);
        }
        finally
        {
            Ambient.Value = null;
        }

        return _captured.Task;
    }

    public void Prepare(DistributedApplicationOptions options)
    {
        options.Args = [.. options.Args ?? [], .. args];
        options.DisableDashboard = true;
        options.RandomizePorts = true;
        options.EnvironmentName = Microsoft.Extensions.Hosting.Environments.Development;
    }

    /// <returns>The exception that ends Main.</returns>
    public Exception Capture(DistributedApplicationBuilder builder)
    {
        _captured.TrySetResult(builder);
        return new MainEndsHereException();
    }

    private sealed class MainEndsHereException() : Exception("The AppHost was run up to Build by a test, which goes on from here.");
}
