namespace Chat.Wires.Engines.IoUring;

/// <summary>Whose request a completion is about.</summary>
internal interface IUringTarget
{
    void Completed(TagKind kind, in CompletionEntry completion);

    /// <summary>The loop is ending.</summary>
    void End();
}
