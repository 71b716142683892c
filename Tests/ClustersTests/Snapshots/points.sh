#!/bin/bash
# Submit it again: sbatch '/sweeps/it'\''s/points.sh'
#SBATCH --job-name="road \"one\""
#SBATCH --chdir="/home/me/road 100%"
#SBATCH --output="/sweeps/it's/points-%a.log"
#SBATCH --open-mode=append
#SBATCH --cpus-per-task=4
#SBATCH --requeue
#SBATCH --signal=B:TERM@60
#SBATCH --array=0-39%8
#SBATCH --partition=gpu
#SBATCH --time=30

# The program takes the place of the shell, so that Slurm's signal ahead of the time limit reaches it:
# it saves a checkpoint, puts the job back into the queue, and goes on from there.
exec /opt/pare/bin/pare sweep run 'road "one".yaml' --threads "$SLURM_CPUS_PER_TASK" --point "$SLURM_ARRAY_TASK_ID"
