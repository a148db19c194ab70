using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Makes an application out of an AppHost, for a test to change, start and end.</summary>
public static class DistributedApplicationTestingBuilder
{
    /// <typeparam name="TEntryPoint">A type of the AppHost's assembly, such as <c>Projects.Chat_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>Runs the AppHost's Main up to Build. Ports are free ones, and there is no dashboard.</summary>
    /// <param name="args">Become configuration: <c>--Chat:Nodes=2</c>.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class
    {
        ArgumentNullException.ThrowIfNull(args);
        var interception = new AppHostInterception(typeof(TEntryPoint).Assembly, args);
        var main = Task.Factory.StartNew(
            interception.RunMain, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        return new TestingBuilder(await main.WaitAsync(cancellationToken));
    }
}

/// <summary>An application that has not been built yet: its resources may be changed.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    new ConfigurationManager Configuration { get; }

    new IHostEnvironment Environment { get; }

    new IServiceCollection Services { get; }

    new IResourceCollection Resources { get; }

    new IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;

    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
