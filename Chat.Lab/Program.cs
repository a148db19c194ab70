using Chat.Lab;
using Chat.Lab.Chaos;
using Chat.Lab.Experiments;
using Chat.Lab.Mutants;
using Spectre.Console;

return await new LabCommands(Catalogue.Names, LabRun.AllAsync, MutantRun.AllAsync, ChaosRun.AllAsync, AnsiConsole.Console).InvokeAsync(args, CancellationToken.None);
