using System.CommandLine;
using System.CommandLine.Parsing;
using Blobs.Cli.Commands;
using Blobs.Erofs;
using Blobs.Transfer;

namespace Blobs.Cli;

/// <summary>Options of every verb that may write layers to <c>erofs:DIR</c>.</summary>
internal sealed class ErofsTargetOptions
{
    private const string Prefix = "erofs:";

    private readonly Option<ErofsLayout> _layout = ErofsCommand.Layout();
    private readonly Option<bool> _verity = ErofsCommand.Verity();

    /// <param name="command">The verb.</param>
    /// <param name="target">What a call writes to; null when it cannot be known.</param>
    public void AddTo(Command command, Func<CommandResult, string?> target)
    {
        _layout.Description = $"Of layers in erofs:DIR. {_layout.Description}";
        _verity.Description = $"Of layers in erofs:DIR. {_verity.Description}";
        command.Add(_layout);
        command.Add(_verity);
        command.Validators.Add(result =>
        {
            bool isErofs = target(result)?.StartsWith(Prefix, StringComparison.Ordinal) ?? true;
            foreach (Option option in isErofs ? [] : (Option[])[_layout, _verity])
            {
                if (result.GetResult(option) is { Implicit: false })
                {
                    result.AddError($"{option.Name} is for erofs:DIR, not for {target(result)}");
                }
            }
        });
    }

    /// <summary>How images are written.</summary>
    public CopyOptions In(ParseResult arguments, CopyOptions options) => options with
    {
        ErofsLayout = arguments.GetValue(_layout),
        HasErofsVerity = arguments.GetValue(_verity),
    };
}
