using System.CommandLine;
using Blobs.Cli.Stores;
using Blobs.Errors;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs inspect NAME…</c>: what <c>docker inspect</c> and <c>podman inspect</c> print of images and
/// containers.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<StoredName[]> names = NamesArgument();
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
        var stores = new StoreOptions(writes: false);
        var command = new Command("inspect", "Print details of images and containers as JSON.") { names, type, template, json };
        command.Validators.Add(result =>
        {
            StoredName[] images = result.ValueIfValid(type) == "image" ? result.ValueIfValid(names) ?? [] : [];
            foreach (string fault in images.Select(name => References.FaultIn(name.Name)).OfType<string>())
            {
                result.AddError(fault);
            }
        });
        stores.AddTo(command);
        command.Runs("nothing was changed", async (arguments, cancellationToken) =>
        {
            using OpenedStores opened = stores.Open(arguments, cancellationToken);
            string? kind = arguments.GetValue(type);
            var found = new List<ReadOnlyMemory<byte>>();
            foreach (StoredName name in arguments.GetRequiredValue(names))
            {
                ImageStore store = await opened.OfAsync(name).ConfigureAwait(false);
                found.Add(await store.InspectAsync(name.Name, kind, cancellationToken).ConfigureAwait(false));
            }

            Output.WriteJsonArray(found);
        });
        return command.With("blobs inspect alpine:3.18", "blobs inspect web --type container", "blobs inspect containers-storage:alpine");
    }

    // A container's name need not be one that an image can have.
    private static Argument<StoredName[]> NamesArgument() => new("NAME")
    {
        Description = "Names or ids of containers or images.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = result =>
        {
            try
            {
                return [.. result.Tokens.Select(token => StoredName.Split(token.Value))];
            }
            catch (MalformedDataException fault)
            {
                result.AddError(fault.Message);
                return [];
            }
        },
    };
}
