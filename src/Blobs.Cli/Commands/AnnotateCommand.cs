using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs annotate PLACE KEY=VALUE…</c>: changes the annotations of a manifest.</summary>
internal static class AnnotateCommand
{
    public static Command Create()
    {
        Argument<Place> place = ManifestArguments.Required("PLACE", $"The image, index or artifact: {ManifestArguments.Forms}.");
        Argument<IReadOnlyDictionary<string, string>> values = KeyValues.Arguments("Annotations to set.");
        Option<string[]> removed = new("--remove")
        {
            Description = "Annotation to remove; may be repeated.",
            HelpName = "KEY",
            AllowMultipleArgumentsPerToken = false,
        };
        Option<Place?> target = ManifestArguments.Option("--to", "Where the result goes. Default: PLACE itself.");
        Option<Platform?> platform = RegistryAccessOptions.Platform();
        platform.Description = "Annotate the image for this platform, OS/ARCH or OS/ARCH/VARIANT, and not the index.";
        var command = new Command("annotate", "Change the annotations of an image, an index or an artifact. It gets a new digest.")
        {
            place, values, removed, target, platform,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(values) is not { Tokens.Count: > 0 } && result.GetValue(removed) is not { Length: > 0 })
            {
                result.AddError("annotate: name an annotation, as KEY=VALUE or with --remove KEY");
            }

            if (result.ValueIfValid(platform) is not null && result.ValueIfValid(target) is null)
            {
                result.AddError("--platform: the image would take the place of its index; name another place with --to");
            }
        });
        ManifestWork.Runs(
            command,
            "the place is unchanged; blobs already copied may stay",
            (arguments, client, jobs) => new CopyOptions
            {
                Client = client,
                LayersAtOnce = jobs,
                Platform = arguments.GetValue(platform),
            },
            (arguments, options, progress, cancellationToken) => ManifestEditor.AnnotateAsync(
                arguments.GetRequiredValue(place).Image!,
                arguments.GetValue(target)?.Image,
                Changes(arguments.GetValue(values) ?? new Dictionary<string, string>(), arguments.GetValue(removed) ?? []),
                options,
                progress,
                cancellationToken));
        return command.With(
            "blobs annotate registry.example/app:1 org.opencontainers.image.revision=4f2a1c",
            "blobs annotate oci:layout:1 --remove org.opencontainers.image.created --to oci:layout:2");
    }

    private static Dictionary<string, string?> Changes(IReadOnlyDictionary<string, string> values, string[] removed)
    {
        var changes = removed.Distinct().ToDictionary(key => key, string? (_) => null);
        foreach ((string key, string value) in values)
        {
            changes[key] = value;
        }

        return changes;
    }
}
