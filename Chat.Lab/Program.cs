#pragma warning disable IDE0011
using Chat.Lab;
using Chat.Lab.Experiments;
using Chat.Lab.Results;

var ids = args[0] == "all" ? Catalogue.All.Select(e => e.Summary.Id).ToArray() : args[0].Split(',');
var strategies = args.Length > 1 ? args[1].Split(',') : ["local", "local-first", "pubsub", "split", "streams", "log"];
var report = await LabRun.AllAsync(new RunRequest(ids, strategies, new LabParameters(1, 8, 24, 3, "embedded"), args.Length > 2 ? args[2].Split(',') : [], false), new Plain(), CancellationToken.None);
return 0;

internal sealed class Plain : ILabProgress
{
    public void Begin(int cells) => Console.WriteLine($"{cells} cells");
    public void CellStarted(ExperimentSummary experiment, string strategy) { }
    public void FaultBegan(string name) { }
    public void FaultEnded(string name) { }
    public void Counts(int sent, int acked, long shown, int open) { }
    public void CellFinished(Cell cell)
    {
        Console.WriteLine($"{cell.Experiment,-18} {cell.Strategy,-12} {cell.Verdict,-7} {cell.TookSeconds:0.0}s {cell.Headline.Name}: {cell.Headline.Measured:0.0} (predicted {cell.Headline.Predicted:0.0} ± {cell.Headline.Tolerance:0.0}) {cell.Tally}");
        foreach (var m in cell.Measures) Console.WriteLine($"      {m.Name}: {m.Measured:0.00} {m.Unit} {m.Predicted:0.00}");
        foreach (var b in cell.Broken) Console.WriteLine($"    ! {b}");
        foreach (var a in cell.Anomalies.Take(5)) Console.WriteLine($"      {a}");
        if (cell.Error is { } e) Console.WriteLine(e);
    }
    public void Done(LabReport report) { }
}
