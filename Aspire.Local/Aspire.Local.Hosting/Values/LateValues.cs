namespace Aspire.Hosting;

/// <summary>What is known of the telemetry collector only after the start.</summary>
internal enum OtlpTarget
{
    Url,
    Protocol,
}

/// <summary>What differs between the replicas of a resource.</summary>
internal enum InstanceId
{
    /// <summary><c>service.instance.id=abcdefgh</c></summary>
    ResourceAttributes,
}

/// <summary>Text that no screen shows.</summary>
internal sealed record SecretText(string Value);
