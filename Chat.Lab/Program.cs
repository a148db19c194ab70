using Chat.Lab;
using Chat.Lab.Experiments;
using Spectre.Console;

return await new LabCommands(Catalogue.Names, LabRun.AllAsync, AnsiConsole.Console).InvokeAsync(args, CancellationToken.None);
