using Chat.Lab.Results;

namespace Chat.Tests.Lab.Reporting;

/// <param name="Outcomes">For each strategy: see SampleReport.TallyOf.</param>
/// <param name="From">When the fault begins, in seconds.</param>
internal sealed record SampleExperiment(string Id, string Catalogue, string Title, string Fault, string Outcomes, double From, double To)
{
    public ExperimentSummary Summary => new(
        Id, Catalogue, Title, Fault, "What is sent while it lasts reaches nobody beyond the node, unless the node can read afterwards what it has missed.");
}

internal static class SampleExperiments
{
    public static readonly SampleExperiment[] All =
    [
        new("direct-message", "F01", "Direct message to another node", "nothing: two people on two nodes", "u66.7 0 0 0 0 0", 0, 20),
        new("node-kill", "F25", "A node dies", "node SIGKILL", "u71.2,a31,g21 u6.3,g4.9 u6.1,g4.8 t6.2 0 0", 6, 9),
        new("node-stop", "F11", "A node freezes for 20 seconds", "node SIGSTOP, then SIGCONT", "u68.9,g12 u9.8,i14 u9.4 t9.6 0 0", 5, 18),
        new("drain", "F34", "A node is drained", "node told to leave", "u67.4 u1.2 u1.1 t1.3 0 0", 8, 10),
        new("rolling-deploy", "F32", "Rolling deploy", "each node drained, replaced", "u72.0,a88 u3.9,d3 u3.7 t3.5 0 0", 4, 16),
        new("scale-out", "F33", "Scale out from 2 to 4", "two nodes more", "u58.8 0 0 0 0 0", 8, 9),
        new("redis-cut-0.1", "F07", "Redis cut from one node, 0.1 s", "node–Redis cut", "u66.5 u0.6 u0.5 t0.5 0 0", 8, 8.1),
        new("redis-cut-1", "F07", "Redis cut from one node, 1 s", "node–Redis cut", "u66.6 u3.1,i4 u2.4 t2.6 0 0", 8, 9),
        new("redis-cut-5", "F07", "Redis cut from one node, 5 s", "node–Redis cut", "u66.7 u11.8,i9 u9.2 t9.4 0 0", 6, 11),
        new("redis-cut-30", "F14", "Redis cut from one node, 30 s", "node–Redis cut", "u66.7 u31.4,i22 u28.9,r140 t27.8 0 0", 4, 16),
        new("redis-cut-all", "F14", "Redis cut from all nodes", "every node–Redis link cut", "u66.8 u26.0,a96 0 t24.1 0 0", 6, 11),
        new("redis-restart", "F13", "Redis restarts with its data", "Redis SIGTERM, started again", "u66.4 u8.3,a51 u7.9,a48 t8.2 0 0", 7, 9),
        new("redis-wiped", "F13", "Redis restarts without its data", "Redis SIGKILL, data deleted", "u66.4 u8.3,a51 u7.9,a48 u9.1,k33 u14.2,a620 t3.1", 7, 9),
        new("failover-lost-writes", "F13", "Failover to a replica that lags", "a replica without the last writes", "u66.6 u2.2 u2.1 u21.5,k40 u18.7,a22 t1.9", 8, 9),
        new("dead-subscription", "F08", "Dead but open subscription", "pub/sub link black-holed", "u66.6 u33.1 u32.8 u31.0 0 0", 5, 20),
        new("slow-readers", "F38", "1 % of readers do not read", "readers stop reading", "u67.1 u0.4 u0.3 u0.2 0 0", 4, 16),
        new("flood", "F39", "4 KiB flood into one room", "500 messages/s of 4 KiB", "u66.9 u0.04 u0.03 t0.9 0 0", 6, 14),
        new("hot-room", "F40", "Hot room of 1,000", "everybody in one room", "u66.7 0 0 0 0 0", 0, 20),
        new("join-under-load", "F23", "Join while 1,000 messages/s flow", "200 joins under load", "u66.3,k12 u1.7 u1.8 u0.9,k17 0 0", 4, 14),
        new("ack-lost", "F21", "Ack lost, retried on another node", "5 % of acks dropped", "u66.7,d22 d61 d58 d63 d60 0", 2, 18),
        new("half-open", "F36", "Half-open clients", "client link black-holed", "u66.9,g26 g25.5 g25.1 g25.4 g24.8 0", 6, 16),
        new("reconnect-storm", "F31", "Reconnect storm after a node’s death", "node SIGKILL with 2,000 clients", "u70.2,g11 u12.4,g5 u11.6,g5 t12.0 0 0", 6, 12),
        new("clock-skew", "F24", "Clocks ±5 s apart", "one clock ahead, one behind", "u66.7 i35 0 i12 0 0", 0, 20),
        new("rate-limit", "F41", "Rate limit by one user on every node", "<script>alert('60/s & more')</script>", "u66.7 0 0 0 fail 0", 5, 15),
        new("presence-flapping", "F29", "Presence flaps on a deploy", "nodes replaced one by one", "g30 g6 g6 g6 g6 0", 4, 16),
        new("balancer-restart", "F35", "The balancer restarts", "balancer SIGTERM, started again", "- u4.4 u4.1 t4.3 0 0", 8, 10),
    ];
}
