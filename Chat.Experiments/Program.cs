return await Chat.Experiments.ExperimentApp.RunAsync(args);
