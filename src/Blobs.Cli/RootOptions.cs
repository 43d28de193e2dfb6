using System.CommandLine;
using Blobs.Engine;

namespace Blobs.Cli;

/// <summary>The options that say which data root a verb works on, and the root.</summary>
internal sealed class RootOptions
{
    private readonly Option<string> _root = CommonOptions.Root();
    private readonly Option<string?> _driver = CommonOptions.Driver();

    public void AddTo(Command command)
    {
        command.Add(_root);
        command.Add(_driver);
    }

    public EngineRoot Open(ParseResult arguments) =>
        EngineRoot.Open(arguments.GetRequiredValue(_root), new EngineOptions { Driver = arguments.GetValue(_driver) });
}
