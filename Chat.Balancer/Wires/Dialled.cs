using Chat.Wires;

namespace Chat.Balancer.Wires;

/// <summary>What came of connecting to a node.</summary>
/// <param name="Wire">Null unless it is connected.</param>
/// <param name="Why">For whoever asks what speaks against the node.</param>
internal readonly record struct Dialled(Wire? Wire, DialFailure Why);
