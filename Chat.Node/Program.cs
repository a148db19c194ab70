await Chat.Node.NodeApp.Build(args).RunAsync();
