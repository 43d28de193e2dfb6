using System.CommandLine;
using Blobs.Cli.Completion;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs completion SHELL</c>: the script that makes a shell complete verbs, options and images.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        var command = new Command(
            "completion",
            "Print a script that makes a shell complete words of blobs. It completes verbs, options, and the images and containers of the "
            + "data root.")
        {
            shell,
        };
        command.Runs("nothing was changed", (arguments, _) =>
        {
            Console.Out.Write(CompletionScripts.Of(arguments.GetRequiredValue(shell)));
            return Task.CompletedTask;
        });
        return command.With(
            "source <(blobs completion bash)",
            "blobs completion bash > /etc/bash_completion.d/blobs",
            "blobs completion zsh > \"${fpath[1]}/_blobs\"",
            "blobs completion fish > ~/.config/fish/completions/blobs.fish");
    }
}
