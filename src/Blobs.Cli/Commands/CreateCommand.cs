using System.CommandLine;
using Blobs.Docker.Containers;
using Blobs.Errors;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs create IMAGE [CMD…]</c>: a container that dockerd can start.</summary>
internal static class CreateCommand
{
    public const string Verb = "create";

    /// <summary>The argument that takes everything after the image.</summary>
    public const string Words = "COMMAND";

    /// <summary>Explains where options go.</summary>
    public const string Order = "Options of create go before IMAGE; everything after it is the container's command";

    public static Command Create()
    {
        Argument<string> image = new Argument<string>("IMAGE") { Description = "Name or id of the image." }.ForImages();
        var words = new Argument<string[]>(Words) { Description = "Command to run, with its options.", Arity = ArgumentArity.ZeroOrMore };
        var name = new Option<string?>("--name") { Description = "Name of the container.", HelpName = "NAME" };
        var env = new Option<string[]>("--env", "-e")
        {
            Description = "Environment variable NAME=VALUE; NAME alone takes its value from this environment.",
            HelpName = "ENTRY",
        };
        var workdir = new Option<string?>("--workdir", "-w") { Description = "Working directory in the container.", HelpName = "DIR" };
        var user = new Option<string?>("--user", "-u")
        {
            Description = "User to run as: USER[:GROUP], names or numbers.",
            HelpName = "USER",
        };
        var entrypoint = new Option<string?>("--entrypoint")
        {
            Description = "Program to run instead of the image's entrypoint.",
            HelpName = "PROGRAM",
        };
        var hostname = new Option<string?>("--hostname") { Description = "Host name of the container.", HelpName = "NAME" };
        var label = new Option<string[]>("--label", "-l") { Description = "Label NAME=VALUE.", HelpName = "LABEL" };
        var network = new Option<string>("--network")
        {
            Description = "Docker network to join: none, host, or a network's name.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "default",
        };
        var root = new RootOptions(writes: true);
        var command = new Command(Verb, "Make a container that dockerd can start.")
        {
            image, words, name, env, workdir, user, entrypoint, hostname, label, network,
        };
        root.AddTo(command);
        command.Runs("no container was made", async (arguments, cancellationToken) =>
        {
            try
            {
                Console.Out.WriteLine(await CreateAsync(arguments, cancellationToken).ConfigureAwait(false));
            }
            catch (NotFoundException fault) when (arguments.GetValue(words)?.FirstOrDefault(IsOption) is { } word)
            {
                throw new WorkFailedException($"{fault.Message}; '{word}' comes after IMAGE, so it is part of the command", fault);
            }
        });

        bool IsOption(string word) => CommandLine.IsOption(command, word);

        async Task<string> CreateAsync(ParseResult arguments, CancellationToken cancellationToken)
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            var options = new ContainerOptions
            {
                Name = arguments.GetValue(name),
                Env = [.. (arguments.GetValue(env) ?? []).Select(FromEnvironment).OfType<string>()],
                WorkingDir = arguments.GetValue(workdir),
                User = arguments.GetValue(user),
                Entrypoint = arguments.GetValue(entrypoint) is { } program ? [program] : null,
                Hostname = arguments.GetValue(hostname),
                Labels = (arguments.GetValue(label) ?? []).Select(text => text.Split('=', 2))
                    .ToDictionary(parts => parts[0], parts => parts.ElementAtOrDefault(1) ?? ""),
                Command = arguments.GetValue(words) ?? [],
                Network = arguments.GetRequiredValue(network),
            };
            Container container = await locked.Root
                .CreateContainerAsync(arguments.GetRequiredValue(image), options, cancellationToken).ConfigureAwait(false);
            return container.Id;
        }

        return command.With(
            "blobs create --name web alpine:3.18 httpd -f -p 80",
            "blobs create --name once --env A=b --workdir /srv alpine:3.18 sh -c 'env; pwd'");
    }

    // As docker: a name alone takes its value from this environment, and is left out when that has none.
    private static string? FromEnvironment(string entry) => entry.Contains('=', StringComparison.Ordinal)
        ? entry
        : Environment.GetEnvironmentVariable(entry) is { } value ? $"{entry}={value}" : null;
}
