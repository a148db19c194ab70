using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Eventing
{
    public interface IDistributedApplicationEvent;

    public interface IDistributedApplicationResourceEvent : IDistributedApplicationEvent
    {
        IResource Resource { get; }
    }

    /// <summary>Moments in the life of the application to which an AppHost can add work.</summary>
    public interface IDistributedApplicationEventing
    {
        DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationEvent;

        DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent;

        void Unsubscribe(DistributedApplicationEventSubscription subscription);

        /// <summary>Runs the callbacks one after the other.</summary>
#pragma warning disable CA1716 // The name is Aspire's, and callers may use it.
        Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
#pragma warning restore CA1716
            where T : IDistributedApplicationEvent;
    }

    public sealed class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
    {
        public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
    }

    internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
    {
        private readonly Lock _gate = new();
        private readonly List<DistributedApplicationEventSubscription> _subscriptions = [];

        public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationEvent =>
            Add(new((happened, token) => happened is T wanted ? callback(wanted, token) : Task.CompletedTask));

        public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
            where T : IDistributedApplicationResourceEvent =>
            Add(new((happened, token) => happened is T wanted && ReferenceEquals(wanted.Resource, resource) ? callback(wanted, token) : Task.CompletedTask));

        public void Unsubscribe(DistributedApplicationEventSubscription subscription)
        {
            lock (_gate)
            {
                _subscriptions.Remove(subscription);
            }
        }

        public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
            where T : IDistributedApplicationEvent
        {
            DistributedApplicationEventSubscription[] subscriptions;
            lock (_gate)
            {
                subscriptions = [.. _subscriptions];
            }

            foreach (var subscription in subscriptions)
            {
                await subscription.Callback(@event, cancellationToken);
            }
        }

        private DistributedApplicationEventSubscription Add(DistributedApplicationEventSubscription subscription)
        {
            lock (_gate)
            {
                _subscriptions.Add(subscription);
            }

            return subscription;
        }
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Nothing has been started yet; resources may still be changed.</summary>
    public class BeforeStartEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;

        public DistributedApplicationModel Model { get; } = model;
    }

    /// <summary>Everything that could be started has been.</summary>
    public class AfterResourcesCreatedEvent(IServiceProvider services, DistributedApplicationModel model) : IDistributedApplicationEvent
    {
        public IServiceProvider Services { get; } = services;

        public DistributedApplicationModel Model { get; } = model;
    }

    /// <summary>What the resource waits for is there; its processes start next.</summary>
    public class BeforeResourceStartedEvent(IResource resource, IServiceProvider services) : IDistributedApplicationResourceEvent
    {
        public IResource Resource { get; } = resource;

        public IServiceProvider Services { get; } = services;
    }
}
