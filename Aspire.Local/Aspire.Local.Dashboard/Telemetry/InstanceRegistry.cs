using Aspire.Local.Dashboard.Telemetry.Model;
using Microsoft.Extensions.Options;

namespace Aspire.Local.Dashboard.Telemetry;

/// <summary>Knows every process that sends telemetry. Forgets the one unheard of for longest when there are too many.</summary>
internal sealed class InstanceRegistry(IOptions<TelemetryLimits> limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Service, string InstanceId), LinkedListNode<TelemetryInstance>> _byName = [];
    private readonly LinkedList<TelemetryInstance> _byUse = [];
    private int _count;

    /// <returns>The same object for the same service and instance id, as long as it is remembered.</returns>
    public TelemetryInstance Get(IReadOnlyList<TelemetryTag> attributes)
    {
        var service = attributes.Find("service.name") ?? "unknown";
        var instanceId = attributes.Find("service.instance.id") ?? "";
        lock (_lock)
        {
            if (_byName.TryGetValue((service, instanceId), out var known))
            {
                _byUse.Remove(known);
                _byUse.AddLast(known);
                return known.Value;
            }

            if (_byUse.Count >= limits.Value.InstancesMax && _byUse.First is { } oldest)
            {
                _byUse.RemoveFirst();
                _byName.Remove((oldest.Value.Service, oldest.Value.InstanceId));
            }

            var added = _byUse.AddLast(new TelemetryInstance(service, instanceId, _count++, attributes));
            _byName.Add((service, instanceId), added);
            return added.Value;
        }
    }

    /// <returns>All, by name.</returns>
    public IReadOnlyList<TelemetryInstance> All()
    {
        lock (_lock)
        {
            return [.. _byUse.OrderBy(i => i.Service, StringComparer.Ordinal).ThenBy(i => i.Number)];
        }
    }
}
