using System.CommandLine;
using Blobs.Engine;
using Blobs.Files;
using Blobs.Layers;

namespace Blobs.Cli;

/// <summary>The options that say which data root a verb works on, and the root, taken for as long as the verb works.</summary>
internal sealed class RootOptions(bool writes)
{
    private readonly Option<string> _root = CommonOptions.Root();
    private readonly Option<string?> _driver = CommonOptions.Driver();
    private readonly Option<int?> _wait = CommonOptions.LockWait();
    private readonly Option<Durability> _durability = CommonOptions.Durability();

    public void AddTo(Command command)
    {
        command.Add(_root);
        command.Add(_driver);
        if (writes)
        {
            command.Add(_wait);
            command.Add(_durability);
        }
    }

    /// <summary>Opens the root and takes it: alone for writing, together with others for reading.</summary>
    public async Task<TakenRoot> OpenAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        EngineRoot engine = EngineRoot.Open(
            arguments.GetRequiredValue(_root),
            new EngineOptions { Driver = arguments.GetValue(_driver), Durability = arguments.GetValue(_durability) });
        Task<RootLock> taking = writes
            ? RootAccess.WriteAsync(engine.Path, arguments.GetValue(_wait), cancellationToken)
            : RootAccess.ReadAsync(engine.Path, cancellationToken);
        return new TakenRoot(engine, await taking.ConfigureAwait(false));
    }
}
