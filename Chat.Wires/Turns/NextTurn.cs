namespace Chat.Wires.Turns;

/// <summary>Goes on in the next turn, behind everybody who is ready now.</summary>
internal sealed class NextTurn(WireLoop loop) : LoopSource<bool>(loop)
{
    public ValueTask WaitAsync()
    {
        var wait = WaitVoid();
        Loop.Ready.Add(this);
        return wait;
    }

    public override void Run() => Complete(true);
}
