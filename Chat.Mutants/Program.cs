using Chat.Mutants;
using Chat.Node;

// A node that is wrong on purpose: what measures nodes is tested against it. --Chat:Mutant=<name>
const string Option = "--Chat:Mutant=";
var name = args.FirstOrDefault(argument => argument.StartsWith(Option, StringComparison.Ordinal))?[Option.Length..] ?? Wrongs.None;
if (!Wrongs.All.Contains(name))
{
    Console.Error.WriteLine($"There is no mutant '{name}'; there are {string.Join(", ", Wrongs.All)}.");
    return 1;
}

return await NodeApp.RunAsync([.. args, .. Wrongs.SettingsOf(name)], builder => Wrongs.Apply(name, builder.Services));
