using System.CommandLine;
using Blobs.Docker;
using Blobs.Docker.Containers;
using Blobs.Errors;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs inspect NAME…</c>: what <c>docker inspect</c> prints of images and containers.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("NAME")
        {
            Description = "Names or ids of containers or images.",
            Arity = ArgumentArity.OneOrMore,
        };
        var type = new Option<string?>("--type") { Description = "Look only for an image, or only for a container.", HelpName = "KIND" };
        type.AcceptOnlyFromAmong("image", "container");
        var template = new Option<string?>("--format", "-f")
        {
            Description = "Accepted only with json: Go templates are not built.",
            HelpName = "FORMAT",
        };
        GoTemplates.Refuse(template, "inspect", "blobs inspect NAME --json | jq '.[].Config'", "json");
        Option<bool> json = CommonOptions.Json();
        json.Description = "Accepted for consistency: the output is always JSON.";
        names.Validators.Add(result =>
        {
            if (result.GetValue(type) == "image")
            {
                References.RefuseOthers(result, result.Tokens);
            }
        });
        var root = new RootOptions(writes: false);
        var command = new Command("inspect", "Print details of images and containers as JSON.") { names, type, template, json };
        root.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using LockedRoot locked = await root.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
            string? kind = arguments.GetValue(type);
            Output.WriteJsonArray([.. arguments.GetRequiredValue(names).Select(name => Find(locked.Root, name, kind))]);
        });
        return command.With("blobs inspect alpine:3.18", "blobs inspect web --type container");
    }

    // As docker: a container takes precedence over an image of the same name.
    private static ReadOnlyMemory<byte> Find(DockerRoot root, string name, string? kind)
    {
        if (kind == "image")
        {
            return root.Inspect(root.Find(name));
        }

        try
        {
            Container container = root.Containers.Find(name);
            return root.Inspect(container);
        }
        catch (NotFoundException) when (kind is null && References.FaultIn(name) is null)
        {
            return root.Inspect(root.Find(name));
        }
    }
}
