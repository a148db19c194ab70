return await Chat.Node.NodeApp.RunAsync(args);
