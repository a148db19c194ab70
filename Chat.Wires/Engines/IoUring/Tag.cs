namespace Chat.Wires.Engines.IoUring;

/// <summary>
/// user_data: whose request a completion is about. The descriptor names its owner for as long as a request is under way, because
/// a descriptor is closed only after its last request has completed, and until then the kernel gives its number to nobody else.
/// </summary>
internal readonly record struct Tag(TagKind Kind, int Descriptor)
{
    public static implicit operator ulong(Tag tag) => ((ulong)tag.Kind << 32) | (uint)tag.Descriptor;

    public static Tag Of(ulong userData) => new((TagKind)(userData >> 32), (int)userData);
}

internal enum TagKind
{
    /// <summary>Nobody's: a cancellation that found nothing any more, or the waker.</summary>
    Nobody,
    Receive,
    Send,
    Writable,
    Accept,
    Connect,
}
