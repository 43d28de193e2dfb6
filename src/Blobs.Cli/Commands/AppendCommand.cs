using System.CommandLine;
using Blobs.Cli.Places;
using Blobs.Files;
using Blobs.Images;

namespace Blobs.Cli.Commands;

/// <summary><c>blobs append PLACE SRC:/DEST… --to PLACE</c>: an image with a new layer, made while it is sent.</summary>
internal static class AppendCommand
{
    private const string Scratch = "scratch";
    private const string TarStep = "blobs append --tar";

    public static Command Create()
    {
        Argument<Place> place = NewImageOptions.Base($"The base image, or {Scratch}");
        var paths = new Argument<string[]>("SRC:/DEST")
        {
            Description = "File, or directory whose content is copied, and its absolute destination; a DEST that ends in / is a directory.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        paths.Validators.Add(result =>
        {
            foreach (string text in result.Tokens.Select(token => token.Value).Where(text => Split(text) is null))
            {
                result.AddError($"'{text}' is not SRC:/DEST with an absolute DEST.");
            }
        });
        var tar = new Option<string[]>("--tar")
        {
            Description = "Add a tar, compressed or not, as a layer of its own; - is standard input.",
            HelpName = "FILE",
        };
        Option<(long User, long Group)?> owner = Owner();
        var making = new NewImageOptions();
        var command = new Command("append", "Add files to an image as a new layer. The image may be in any place and go to any other.")
        {
            place, paths, tar, owner,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(paths) is not { Length: > 0 } && result.GetValue(tar) is not { Length: > 0 })
            {
                result.AddError("append: nothing to add; name SRC:/DEST or --tar FILE");
            }
        });
        making.AddTo(command);
        making.Runs(command, async (arguments, cancellationToken) =>
        {
            Place from = arguments.GetRequiredValue(place);
            if (from is { Kind: PlaceKind.RootImage, Name: Scratch })
            {
                await SendAsync(arguments, OciImage.Scratch(making.PlatformIn(arguments)), true, cancellationToken).ConfigureAwait(false);
                return;
            }

            OpenedPlace opened = await making.OpenAsync(arguments, from, cancellationToken).ConfigureAwait(false);
            await using (opened.ConfigureAwait(false))
            {
                await SendAsync(arguments, OciImage.From(opened.Image!), false, cancellationToken).ConfigureAwait(false);
            }
        });

        Task SendAsync(ParseResult arguments, OciImage image, bool isScratch, CancellationToken cancellationToken)
        {
            image = SourceDate.FromEnvironment() is { } time ? image.WithCreated(time) : image;
            if (arguments.GetValue(paths) is { Length: > 0 } added)
            {
                image = image.Append(FilesOf([.. added.Select(path => Split(path)!.Value)], arguments.GetValue(owner), isScratch));
            }

            image = (arguments.GetValue(tar) ?? []).Aggregate(image, (changed, file) => changed.Append(TarOf(file)));
            return making.SendAsync(arguments, image, cancellationToken);
        }

        return command.With(
            "blobs append docker://alpine:3.20 ./out:/srv/app/ --to docker://127.0.0.1:5000/app:1",
            "blobs append scratch ./tool:/ --platform linux/arm64 --to oci:layout:tool",
            "tar -c etc | blobs append app:1 --tar - --to app:2");
    }

    // The history names the destinations only: where the files were is of no use to others.
    private static NewLayer FilesOf((string Source, string Destination)[] paths, (long User, long Group)? owner, bool isScratch)
    {
        var options = new LayerFilesOptions { DescribesStandardDirectories = isScratch };
        options = owner is var (user, group) ? options with { User = user, Group = group } : options;
        string step = $"blobs append {string.Join(' ', paths.Select(path => path.Destination))}";
        return NewLayer.FromEntries(LayerFiles.At(paths, options), step);
    }

    private static NewLayer TarOf(string file) => file == InputFile.StandardInput
        ? NewLayer.FromStream(InputFile.OpenRead(file), TarStep)
        : NewLayer.FromTar(file, TarStep);

    private static (string Source, string Destination)? Split(string text)
    {
        int colon = text.LastIndexOf(":/", StringComparison.Ordinal);
        return colon > 0 ? (text[..colon], text[(colon + 1)..]) : null;
    }

    private static Option<(long User, long Group)?> Owner() => new("--owner")
    {
        Description = "Owner of the added files: UID or UID:GID. Default: 0:0.",
        HelpName = "UID[:GID]",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            string[] parts = text.Split(':');
            bool isUser = uint.TryParse(parts[0], out uint user);
            uint group = user;
            if (isUser && (parts.Length == 1 || (parts.Length == 2 && uint.TryParse(parts[1], out group))))
            {
                return (user, group);
            }

            result.AddError($"--owner: '{text}' is not UID or UID:GID, in numbers");
            return null;
        },
    };
}
