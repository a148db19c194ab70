namespace Chat.Wires.Turns;

/// <summary>What one wire may still do in this turn. Filled by the first question of each turn.</summary>
internal struct TurnBudget
{
    private long _turn;
    private int _received;
    private int _sent;
    private int _requests;

    public int BytesToReceive(WireLoop loop)
    {
        Refill(loop);
        return loop.Options.TurnBytesMax - _received;
    }

    public int BytesToSend(WireLoop loop)
    {
        Refill(loop);
        return loop.Options.TurnBytesMax - _sent;
    }

    public bool TryTakeRequest(WireLoop loop)
    {
        Refill(loop);
        return _requests++ < loop.Options.TurnRequestsMax;
    }

    public void Received(int bytes) => _received += bytes;

    public void Sent(int bytes) => _sent += bytes;

    private void Refill(WireLoop loop)
    {
        if (_turn != loop.Turn)
        {
            (_turn, _received, _sent, _requests) = (loop.Turn, 0, 0, 0);
        }
    }
}
