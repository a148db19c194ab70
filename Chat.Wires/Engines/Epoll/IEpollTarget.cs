namespace Chat.Wires.Engines.Epoll;

/// <summary>Whose descriptor an event is about.</summary>
internal interface IEpollTarget
{
    void Happened(uint events);

    /// <summary>The loop is ending.</summary>
    void End();
}
