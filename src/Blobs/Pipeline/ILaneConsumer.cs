namespace Blobs.Pipeline;

/// <summary>What a <see cref="Lane{T}"/> does with what comes, on its own thread.</summary>
internal interface ILaneConsumer<in T>
{
    void Consume(T item);

    /// <summary>The lane has no more use for the item. Called for each, consumed or passed over.</summary>
    void Release(T item);

    /// <summary>Nothing follows. Not called after a fault.</summary>
    void Complete();

    /// <summary>Whether to go on although something, somewhere, went wrong.</summary>
    bool GoesOnAfter(FirstFault fault) => false;
}
